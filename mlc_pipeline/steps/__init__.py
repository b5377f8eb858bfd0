"""What assets and checks do when they run, one file each. They may import whatever they need.

`import mlc_pipeline.definitions` imports none of it: frames, clients and the posting ledger come with the first
step.
"""
