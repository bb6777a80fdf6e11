"""Times graphc beside PyTorch and onnxruntime.

`workloads` says what is timed, `variants` in which ways PyTorch runs it, `worker` is the process
that PyTorch or onnxruntime runs in, `candidates` drives those processes and graphc's, `rounds`
times them in turns, `tables` keeps the results, `report` prints them, and `environment` says where they were taken.
"""
