"""The platform can fetch what every good of the mini-program looks like."""

import io
from contextlib import closing

import requests
from PIL import Image

from tests.channel import open_channel, sell_in_mini_program
from tests.installation import Installation


def test_the_picture_of_a_good_is_a_square_that_anybody_can_fetch(house: Installation) -> None:
    sell_in_mini_program(house, open_channel(house, locked="锁住的一句"))

    with closing(house.wiring()) as wiring:
        mini_id = wiring.accounts.first("mini").id
        env = 1 if wiring.accounts.payee_for("xpay_android").credentials["env"] == 1 else 0
        told = wiring.wechat.xpay.query_upload_goods(mini_id, env=env)
    address = told["upload_item"][0]["item_url"]

    assert address.startswith(f"{house.base_url}/static/")
    fetched = requests.get(address, timeout=30)
    assert fetched.status_code == 200
    assert fetched.headers["Content-Type"] == "image/png"
    width, height = Image.open(io.BytesIO(fetched.content)).size
    assert width == height >= 200
