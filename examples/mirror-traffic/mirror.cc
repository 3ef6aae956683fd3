#include "examples/mirror-traffic/mirror.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailmeter {
namespace {

constexpr std::string_view kKnownImages[] = {
    "library/nginx",  "library/alpine",   "library/redis",   "library/postgres",      "library/busybox",
    "library/python", "library/node",     "library/ubuntu",  "registry.k8s.io/pause", "library/golang",
    "library/mysql",  "library/debian",   "library/traefik", "prom/prometheus",       "grafana/grafana",
    "library/mongo",  "library/rabbitmq", "library/httpd",   "quay.io/calico/node",   "library/openjdk"};

constexpr std::string_view kPlaces[] = {"", "", "", "ghcr.io/", "quay.io/", "gcr.io/", "registry.k8s.io/"};
constexpr std::string_view kOwners[] = {"bitnami", "rancher", "cilium", "istio",     "argoproj", "jetstack",
                                        "apache",  "elastic", "kserve", "linkerd",   "openebs",  "longhornio",
                                        "minio",   "fluent",  "dapr",   "hashicorp", "gitea",    "vmware"};
constexpr std::string_view kThings[] = {"operator", "controller", "proxy",    "agent",     "exporter",
                                        "webhook",  "scheduler",  "gateway",  "server",    "dashboard",
                                        "runner",   "collector",  "init",     "cni",       "csi-driver",
                                        "frontend", "backend",    "injector", "registrar", "provisioner"};
constexpr std::string_view kTags[] = {"latest",  "latest", "stable",    "1.25",
                                      "v1.28.4", "3.19",   "16-alpine", "2.7.1-debian-12-r4"};

// Backslashes and quotes as nginx writes them.
struct UserAgent {
  int per_cent;
  std::string_view text;
  std::string_view protocol;
};
constexpr UserAgent kUserAgents[] = {
    {35, "containerd/v1.7.12", "HTTP/1.1"},
    {14, "containerd/1.6.20~ds1", "HTTP/2.0"},
    {17,
     "docker/24.0.7 go/go1.20.10 git-commit/311b9ff kernel/5.15.0-91-generic os/linux arch/amd64 "
     R"(UpstreamClient(Docker-Client/24.0.7 \x5C(linux\x5C)))",
     "HTTP/1.1"},
    {8, "cri-o/1.28.1 go/go1.21.5 os/linux arch/amd64", "HTTP/2.0"},
    {7, "containers/5.29.0 (github.com/containers/image)", "HTTP/1.1"},
    {6, "go-containerregistry/v0.17.0", "HTTP/2.0"},
    {5, "skopeo/1.9.3", "HTTP/1.1"},
    {4, "Buildah/1.33.2", "HTTP/1.1"},
    {2, "regclient/regsync (v0.5.6)", "HTTP/1.1"},
    {2, "Go-http-client/1.1", "HTTP/1.1"}};

std::string image_name(std::size_t rank) {
  if (rank < std::size(kKnownImages)) return std::string(kKnownImages[rank]);
  Random random(rank);
  std::string name(kPlaces[random.below(std::size(kPlaces))]);
  name += kOwners[random.below(std::size(kOwners))];
  name += '/';
  name += kThings[random.below(std::size(kThings))];
  return name + '-' + std::to_string(rank);
}

Client make_client(std::size_t number) {
  Random random(number);
  Client client;
  if (random.chance(0.7)) {
    client.address = random.chance(0.5) ? "198.18" : "198.19";
    client.address += '.' + std::to_string(random.below(256));
    client.address += '.' + std::to_string(random.below(256));
  } else {
    constexpr std::string_view kHex = "123456789abcdef";
    client.address = "2001:db8:";
    for (int digit = 0; digit < 7; ++digit) {
      if (digit == 3) client.address += "::";
      client.address += kHex[random.below(kHex.size())];
    }
  }
  const UserAgent* agent = kUserAgents;
  for (int left = static_cast<int>(random.below(100)); left >= agent->per_cent; ++agent) left -= agent->per_cent;
  client.user_agent = agent->text;
  client.protocol = agent->protocol;
  return client;
}

// The number of the image's object `index` of a kind.
std::uint64_t object_number(const Image& image, std::uint64_t kind, std::size_t index) {
  return scrambled((image.rank << 16) + (kind << 8) + index + 1);
}

}  // namespace

Mirror::Mirror() {
  double sum = 0;
  for (std::size_t rank = 0; rank < kImageCount; ++rank) {
    images_.push_back({image_name(rank), rank});
    shares_.push_back(sum += 1 / static_cast<double>(rank + 1));
  }
  for (double& share : shares_) share /= sum;
  for (std::size_t number = 0; number < kClientCount; ++number) clients_.push_back(make_client(number));
}

const Image& Mirror::pick_image(Random& random) const {
  const auto found = std::upper_bound(shares_.begin(), shares_.end() - 1, random.unit());
  return images_[static_cast<std::size_t>(found - shares_.begin())];
}

const Client& Mirror::pick_client(Random& random) const {
  const double unit = random.unit();
  return clients_[static_cast<std::size_t>(unit * unit * static_cast<double>(kClientCount))];
}

Object Mirror::pick_manifest(const Image& image, Random& random) {
  const std::uint64_t number = object_number(image, 1, random.below(6));
  return {number, 500 + number % 2500};
}

Object Mirror::pick_blob(const Image& image, Random& random) {
  const std::uint64_t number = object_number(image, 2, random.below(24));
  Random of_object(number);
  return {number, static_cast<std::uint64_t>(of_object.around(800'000, 8))};
}

void Mirror::append_tag(const Image& image, Random& random, std::string& text) {
  text += kTags[object_number(image, 3, random.below(3)) % std::size(kTags)];
}

void append_digest(std::uint64_t number, std::string& text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<char, 64> digits;
  Random random(number);
  for (std::size_t word = 0; word < 4; ++word) {
    std::uint64_t bits = random.next();
    for (std::size_t digit = 0; digit < 16; ++digit, bits >>= 4) digits[word * 16 + digit] = kHex[bits & 15];
  }
  text += "sha256:";
  text.append(digits.data(), digits.size());
}

}  // namespace tailmeter
