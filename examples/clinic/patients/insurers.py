"""What insurers answer. They are asked over the network; here, something stands for them."""

import time
from zlib import crc32

from django.conf import settings

INSURERS = ("Alpina", "Helvia", "Mutuelle")


def ask(insurer, insurance_number):
    """Ask one insurer whether it covers somebody.

    Args:
        insurer: The name of the insurer.
        insurance_number: The number of the insured person.
    """
    time.sleep(settings.INSURER_SECONDS)
    is_covered = crc32(f"{insurer} {insurance_number}".encode()) % 3 == 0
    return {"insurer": insurer, "is_covered": is_covered, "share": 90 if is_covered else 0}
