#pragma once

#include <expat.h>

#include <memory>
#include <string>

namespace zctrace {

/// Is it XML, as a browser wants an image to be?
inline bool well_formed(const std::string& svg) {
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"), XML_ParserFree);
  return XML_Parse(parser.get(), svg.data(), static_cast<int>(svg.size()), XML_TRUE) == XML_STATUS_OK;
}

}  // namespace zctrace
