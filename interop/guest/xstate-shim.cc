// Preloaded into linux.uml, whose buffer for a process's extended registers holds 2,696 bytes. A processor with AMX has
// more, and the host's kernel takes them only whole (PTRACE_SETREGSET of a part fails with EFAULT, and the guest's
// first process dies of it). So a short write is completed here with what the process already has.
#include <csignal>
#include <cstdarg>
#include <cstring>
#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

constexpr size_t kLargest = 16384;      // From us: above any processor's XSAVE area in use (11,008 with AMX).
alignas(64) char whole[kLargest];       // Not on the stack: the guest kernel's stacks are small.

long raw(long request, long pid, void* address, void* data) {
  return syscall(SYS_ptrace, request, pid, address, data);
}

long setExtended(long pid, void* kind, const iovec& part) {
  iovec all{whole, sizeof whole};
  long result = raw(PTRACE_GETREGSET, pid, kind, &all);
  if (result != 0) return result;
  if (part.iov_len < all.iov_len) std::memcpy(whole, part.iov_base, part.iov_len);
  iovec given = part.iov_len < all.iov_len ? all : part;
  return raw(PTRACE_SETREGSET, pid, kind, &given);
}

}  // namespace

extern "C" long ptrace(__ptrace_request request, ...) noexcept {
  va_list list;
  va_start(list, request);
  const long pid = va_arg(list, int);
  void* const address = va_arg(list, void*);
  void* const data = va_arg(list, void*);
  va_end(list);
  if (request == PTRACE_SETREGSET && reinterpret_cast<long>(address) == NT_X86_XSTATE) {
    // A signal may switch to another guest process in the midst of this, and the buffer is one for all.
    sigset_t every, before;
    sigfillset(&every);
    sigprocmask(SIG_SETMASK, &every, &before);
    const long result = setExtended(pid, address, *static_cast<const iovec*>(data));
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return result;
  }
  // The system call returns a peeked word through `data`; the C function returns it.
  if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
    long word = 0;
    const long result = raw(request, pid, address, &word);
    return result < 0 ? result : word;
  }
  return raw(request, pid, address, data);
}
