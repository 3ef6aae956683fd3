// The imagined mirror: the images that it holds and the clients that pull them. The same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "examples/mirror-traffic/random.h"

namespace tailmeter {

inline constexpr std::size_t kImageCount = 2000;
inline constexpr std::size_t kClientCount = 20000;

struct Image {
  std::string name;
  std::size_t rank;  // 0 is the one asked for most
};

struct Client {
  std::string address;  // IPv4 from 198.18.0.0/15 (RFC 2544) or IPv6 from 2001:db8::/32 (RFC 3849): nobody's
  std::string_view user_agent;
  std::string_view protocol;
};

// A manifest or a blob. Its size follows from its number, so that a digest has one size.
struct Object {
  std::uint64_t number;
  std::uint64_t size_bytes;
};

class Mirror {
 public:
  Mirror();

  // By Zipf's law: the image of rank r is asked for 1 / (r + 1) times as often as the first.
  const Image& pick_image(Random& random) const;

  // A quarter of the clients sends half of the requests.
  const Client& pick_client(Random& random) const;

  static Object pick_manifest(const Image& image, Random& random);
  static Object pick_blob(const Image& image, Random& random);
  static void append_tag(const Image& image, Random& random, std::string& text);

 private:
  std::vector<Image> images_;
  std::vector<double> shares_;  // of the requests, for this image and all before it
  std::vector<Client> clients_;
};

// "sha256:" and 64 hexadecimal digits that belong to `number`.
void append_digest(std::uint64_t number, std::string& text);

}  // namespace tailmeter
