"""The memory that a process has."""


def sanitized(program):
    """Sanitizers need memory of their own."""
    with open(program, "rb") as file:
        data = file.read()
    return b"__asan_init" in data or b"__tsan_init" in data


def high_water(pid):
    """VmHWM in KB; 0 when the process has just gone."""
    try:
        with open("/proc/%d/status" % pid) as status:
            lines = [line for line in status if line.startswith("VmHWM")]
    except OSError:
        return 0
    return int(lines[0].split()[1]) if lines else 0
