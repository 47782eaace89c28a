/**
 * One class for each gRPC service of the protocol: translates between the wire and the plugin API,
 * and nothing else. Answers about identity and capabilities come from the catalogue; everything
 * that runs a plugin's code goes through {@link dev.howdah.host.call.HookRunner}.
 */
@NullMarked
package dev.howdah.host.service;

import org.jspecify.annotations.NullMarked;
