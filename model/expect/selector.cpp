#include "model/expect/selector.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "model/timeline/flow_match.h"
#include "model/timeline/names.h"

namespace zctrace::expect {

using namespace timeline;

namespace {

constexpr std::array<std::string_view, 3> kProtocols{"tcp", "udp", "unix"};

std::optional<uint16_t> port_of(std::string_view text) {
  uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || stopped != end) return {};
  return port;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char each) { return each >= '0' && each <= '9'; });
}

/// "10.0.0.1:80", "[::1]:80": does it end in that port?
bool has_port(std::string_view address, uint16_t port) {
  const size_t colon = address.rfind(':');
  return colon != address.npos && port_of(address.substr(colon + 1)) == port;
}

/// Of a socket's name "tcp 10.0.0.1:80 - 10.0.0.2:4711".
bool names_port(std::string_view name, uint16_t port) {
  const size_t between = name.find(kBetweenAddresses);
  if (between == name.npos) return has_port(name, port);
  return has_port(name.substr(0, between), port) || has_port(name.substr(between + kBetweenAddresses.size()), port);
}

bool matches_name(const std::string& pattern, const std::string& name) {
  if (fnmatch(pattern.c_str(), name.c_str(), 0) == 0) return true;
  const size_t slash = name.rfind('/');
  return pattern.find('/') == pattern.npos && slash != name.npos &&
         fnmatch(pattern.c_str(), name.c_str() + slash + 1, 0) == 0;
}

}  // namespace

bool matches(const EndSelector& selector, const FlowEnd& end) {
  if (selector.kind && *selector.kind != end.kind) return false;
  if (!selector.protocol.empty() && !end.name.starts_with(selector.protocol + " ")) return false;
  if (selector.port && !names_port(end.name, *selector.port)) return false;
  return selector.pattern.empty() || matches_name(selector.pattern, end.name) ||
         (!end.first_name.empty() && matches_name(selector.pattern, end.first_name));
}

bool matches(const FlowSelector& selector, const Flow& flow) {
  return matches(selector.from, flow.from) && matches(selector.to, flow.to);
}

std::optional<EndSelector> end_selector(const std::string& text) {
  EndSelector selector;
  const size_t colon = text.find(':');
  const std::string first = text.substr(0, colon);
  const auto kind = value_of<FlowEndKind>(first);
  const bool is_protocol = std::ranges::find(kProtocols, first) != kProtocols.end();
  if (kind) selector.kind = kind;
  if (is_protocol) {
    selector.kind = FlowEndKind::socket;
    selector.protocol = first;
  }
  std::string rest = text;
  if (kind || is_protocol) rest = colon == text.npos ? "" : text.substr(colon + 1);
  if (selector.kind == FlowEndKind::socket && is_number(rest)) {
    selector.port = port_of(rest);
    if (!selector.port) return {};
  } else if (rest != "*") {
    selector.pattern = is_protocol && !rest.empty() ? first + " " + rest : rest;
  }
  return selector;
}

}  // namespace zctrace::expect
