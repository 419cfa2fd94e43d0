"""The pages of a tenant's authorization server: signing in, consent, devices, the own account, and errors.

Rendered here, without a script, so that they work in any browser and nothing on them can be run that is not ours. What is
done on them is done by :mod:`core.accounts`, :mod:`core.authorizations` and the protocol in :mod:`api.oauth`.
"""
