/**
 * The doors by which plugins come in, and their way from a candidate to a served plugin. A {@link
 * dev.howdah.host.discovery.PluginDoor} only finds and checks; {@link
 * dev.howdah.host.discovery.PluginStarter} makes plugins of what it found, all in the same way.
 */
@NullMarked
package dev.howdah.host.discovery;

import org.jspecify.annotations.NullMarked;
