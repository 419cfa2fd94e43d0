"""The jurisdictions that ship with wenze: one package per city, each a thin plugin with its data and rules."""
