"""The judge: random small networks on a real kernel, compared with what the model says beforehand.

:mod:`case` is one network with its situations and packets, :mod:`generate` makes one from a seed, :mod:`predict` asks
the model, :mod:`program` turns a case into bytes for the guest, :mod:`frames` reads what came back, :mod:`compare`
holds both against each other, :mod:`shrink` makes a disagreement small. ``docs/judge.md`` explains it to a newcomer.
"""
