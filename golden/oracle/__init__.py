"""Activations over Arb balls: what they are (formulas), their values and their certified suprema."""
