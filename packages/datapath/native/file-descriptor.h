#pragma once

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace causeway {

/** Owns a file descriptor. */
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/** Throws what errno says. */
[[noreturn]] inline void throwErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/** The result of a system call that must not fail. */
inline int must(int result, const char* what) {
  if (result < 0) throwErrno(what);
  return result;
}

}  // namespace causeway
