/**
 * What a plugin's author would otherwise need a Kubernetes cluster for: {@link
 * dev.howdah.testkit.HowdahPluginExtension} loads the plugin as a dropped-in JAR is loaded, into a
 * real host with real TLS and real sockets, and calls it as the operator does. Assertions are
 * AssertJ's, and say what the operator would have done.
 */
@NullMarked
package dev.howdah.testkit;

import org.jspecify.annotations.NullMarked;
