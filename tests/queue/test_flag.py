import os
import threading

from jobs.queue.flag import Flag, Tokens


def test_a_flag_that_was_set_stays_set_for_everybody() -> None:
    flag = Flag()
    assert not flag.is_set()
    for _ in range(100_000):  # more than the pipe holds
        flag.set()
    assert flag.wait()
    assert flag.wait()


def test_each_token_is_taken_once_and_counted_until_then() -> None:
    tokens, stop = Tokens(), Flag()
    for _ in range(3):
        tokens.give()
    assert tokens.unread() == 3
    assert [tokens.take(stop) for _ in range(3)] == [True] * 3
    assert tokens.unread() == 0


def test_the_order_to_stop_ends_the_wait_for_a_token_and_goes_before_it() -> None:
    tokens, stop, answers = Tokens(), Flag(), []
    waiting = threading.Thread(target=lambda: answers.append(tokens.take(stop)))
    waiting.start()
    stop.set()
    waiting.join()
    tokens.give()
    assert answers == [False]
    assert tokens.take(stop) is False


def test_a_reader_that_is_killed_while_it_waits_takes_no_token_with_it() -> None:
    tokens, stop = Tokens(), Flag()
    child = os.fork()
    if child == 0:
        tokens.take(stop)
        os._exit(0)
    os.kill(child, 9)
    os.waitpid(child, 0)
    tokens.give()
    assert tokens.take(stop)
