"""The small pictures of works in lists: of the free part alone, and behind the same gate."""

import io

from PIL import Image

from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.works import service as works_service
from tests.factories import make_published_work
from tests.integration.http.conftest import House, Scene

EDGE_PX = 144


def keep(house: House, scene: Scene, colour: str, size_px: tuple[int, int]) -> str:
    """A picture of this creator's, as an upload leaves it; gives its hash."""
    buffer = io.BytesIO()
    Image.new("RGB", size_px, colour).save(buffer, "PNG")
    with house.wiring.units("studio.act") as uow:
        picture, encoded = works_service.add_picture(
            uow, creator_id=scene.creator_id, original=buffer.getvalue()
        )
    house.wiring.pictures.put(picture.sha256, encoded)
    return picture.sha256


def publish(
    house: House, scene: Scene, title: str, free: str, paid: str, *, is_free: bool = False
) -> None:
    with house.wiring.units("studio.act") as uow:
        make_published_work(
            uow,
            columns.get(uow.session, scene.column_id),
            title=title,
            preview_html=free,
            body_html=free + paid,
            is_free=is_free,
        )


def test_a_list_shows_the_first_picture_of_the_free_part_and_no_other(
    house: House, scene: Scene
) -> None:
    free, second, paid = (
        keep(house, scene, colour, (30, 20)) for colour in ("red", "green", "blue")
    )
    shown = f'<p>先说几句。</p><p><img src="/media/{free}"><img src="/media/{second}"></p>'
    publish(house, scene, "有封面", shown, f'<p><img src="/media/{paid}"></p>')
    publish(house, scene, "图在后面", "<p>只有字。</p>", f'<p><img src="/media/{paid}"></p>')
    for path in (f"/h5/columns/{scene.column_id}", "/h5/creators/" + handle_of(house, scene)):
        page = house.client().get(path).text
        assert page.count(f'src="/media/{free}/small"') == 1
        assert second not in page
        assert paid not in page
        assert '<span class="cover cover_none" aria-hidden="true">图</span>' in page


def test_all_of_a_free_work_is_its_free_part(house: House, scene: Scene) -> None:
    shown = keep(house, scene, "orange", (30, 20))
    publish(house, scene, "免费", "", f'<p><img src="/media/{shown}"></p>', is_free=True)
    page = house.client().get(f"/h5/columns/{scene.column_id}").text
    assert f'src="/media/{shown}/small"' in page
    assert house.client().get(f"/media/{shown}/small").status_code == 200


def test_a_list_without_any_cover_leaves_no_room_for_one(house: House, scene: Scene) -> None:
    assert 'class="cover' not in house.client().get(f"/h5/columns/{scene.column_id}").text


def test_a_small_picture_is_the_middle_of_the_large_one(house: House, scene: Scene) -> None:
    wide = keep(house, scene, "red", (900, 300))
    publish(house, scene, "宽", f'<p><img src="/media/{wide}"></p>', "")
    answer = house.client().get(f"/media/{wide}/small")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    with Image.open(io.BytesIO(answer.data)) as small:
        assert small.size == (EDGE_PX, EDGE_PX)
        red, green, blue = small.convert("RGB").getpixel((EDGE_PX // 2, EDGE_PX // 2))
        assert red > 240
        assert max(green, blue) < 15


def test_a_small_picture_is_as_locked_as_the_large_one(house: House, scene: Scene) -> None:
    free, paid, lone = (keep(house, scene, c, (40, 40)) for c in ("red", "green", "blue"))
    publish(
        house, scene, "锁", f'<p><img src="/media/{free}"></p>', f'<p><img src="/media/{paid}"></p>'
    )
    stranger, reader = house.client(), house.signed_in(house.fan())
    assert stranger.get(f"/media/{free}/small").status_code == 200
    for client in (stranger, reader):
        for sha256 in (paid, lone, "0" * 64, free.upper(), "../" + free):
            assert client.get(f"/media/{sha256}/small").status_code == 404


def test_a_small_picture_that_was_seen_is_asked_about_again(house: House, scene: Scene) -> None:
    free = keep(house, scene, "purple", (40, 40))
    with house.wiring.units("studio.act") as uow:
        work = make_published_work(
            uow,
            columns.get(uow.session, scene.column_id),
            title="会撤回",
            preview_html=f'<p><img src="/media/{free}"></p>',
            body_html=f'<p><img src="/media/{free}"></p>',
        )
        work_id = work.id
    assert house.client().get(f"/media/{free}/small").status_code == 200
    with house.wiring.units("studio.act") as uow:
        works_service.withdraw(uow, work_id=work_id, creator_id=scene.creator_id)
    assert house.client().get(f"/media/{free}/small").status_code == 404


def handle_of(house: House, scene: Scene) -> str:
    with house.wiring.units.reading() as session:
        return creators.get(session, scene.creator_id).handle
