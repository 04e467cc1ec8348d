"""pip's settings, told to uv."""

import pytest

from config.uv_options import uv_options


@pytest.mark.parametrize(
    ("listed", "options"),
    [
        ("", []),
        ("global.timeout='60'\n", []),
        ("global.index-url='https://m.cn/simple'\n", ["--default-index=https://m.cn/simple"]),
        (
            ":env:.index-url='https://env/simple'\nglobal.index-url='https://file/simple'\n",
            ["--default-index=https://env/simple"],
        ),
        (
            "global.index-url='https://g/simple'\ninstall.index-url='https://i/simple'\n",
            ["--default-index=https://i/simple"],
        ),
        (
            "global.find-links='/a\\n/b'\nglobal.extra-index-url='https://x https://y'\n",
            ["--find-links=/a", "--find-links=/b", "--index=https://x", "--index=https://y"],
        ),
        ("global.no-index='true'\nglobal.find-links='/a'\n", ["--no-index", "--find-links=/a"]),
        ("global.no-index='false'\n", []),
    ],
)
def test_the_mirror_of_the_person_is_kept(listed: str, options: list[str]) -> None:
    assert uv_options(listed) == options
