// The system's libyaml (package libyaml-dev, pkg-config name yaml-0.1).
// Only Sources/ExptDocument/EventReader.swift imports this module.
#include <yaml.h>
