"""Leave the benchmarks out with ``pytest -m "not benchmark"``."""


def pytest_configure(config):
    config.addinivalue_line("markers", "benchmark: compares times; leave out with -m 'not benchmark'")
