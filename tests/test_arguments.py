from gan_lightning.arguments import all_asked, asked


def test_what_is_asked_for_is_found_on_the_command_line() -> None:
    assert asked(["seed=1", "resume=a b=c", "every=2"]) == "a b=c"
    assert asked(["sweep.resume=x", "model=gan"]) is None
    assert asked(["resume="]) == ""


def test_all_that_is_asked_for_is() -> None:
    assert all_asked(["resume=a", "every=2", "resume=b"]) == ["a", "b"]
