"""Reads a work plan into candidate obligations, by rules that can be explained. Files in and out are orchestration's."""
