"""``manage.py load_sample_data``: two practices that have work to do."""

from django.core.management.base import BaseCommand

from practices.sample_data import load_sample_data


class Command(BaseCommand):
    help = "Fill an empty database with two practices."

    def handle(self, *args, **options):
        load_sample_data()
