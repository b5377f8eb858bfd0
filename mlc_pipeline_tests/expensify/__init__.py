"""Tests of the Expensify room: what is sent, what is made of the answers, and the export template."""
