#include "workloads/run/registry.h"

/// Done by java/Sender.java.
namespace zctrace::workloads {
namespace {

const Registration transfer_to({
    .name = "java_transferto",
    .summary = "send by Java's FileChannel.transferTo",
    .calls = "sendfile",
    .order = 70,
    .sinks = 1,
    .prepare = nullptr,
    .java = "transferTo",
});

const Registration mapped({
    .name = "java_mapped",
    .summary = "write Java's MappedByteBuffer to a channel",
    .calls = "mmap, write",
    .order = 71,
    .sinks = 1,
    .prepare = nullptr,
    .java = "mapped",
});

const Registration stream({
    .name = "java_stream",
    .summary = "read by Java's InputStream into an array, write it to the OutputStream",
    .calls = "read, write",
    .order = 72,
    .sinks = 1,
    .prepare = nullptr,
    .java = "stream",
    .own_passes = true,
});

}  // namespace
}  // namespace zctrace::workloads
