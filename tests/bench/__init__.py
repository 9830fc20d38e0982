"""Figures, each beside the floor or the peer that it is measured against in the same run."""
