"""What petitioners say of a result: asked on the telephone or told by receipt, computed; units never learn who."""
