"""glibc is told to keep freed memory, and refuses nothing of what it is told."""

import platform

from gan_lightning.memory import keep_freed_memory


def test_the_allocator_takes_every_setting_where_it_is_glibcs() -> None:
    assert keep_freed_memory() is (platform.libc_ver()[0] == "glibc")
