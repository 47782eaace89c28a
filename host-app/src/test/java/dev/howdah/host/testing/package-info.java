/**
 * A client of a whole host, and plugins to put into it: what the tests at the host's doors share.
 * {@link dev.howdah.host.testing.HostClient} dials as the operator does; {@link
 * dev.howdah.host.testing.TestPlugin} is a plugin made of lambdas; {@link
 * dev.howdah.host.testing.Protocol} knows the 28 RPCs and has a request for each.
 */
@NullMarked
package dev.howdah.host.testing;

import org.jspecify.annotations.NullMarked;
