/** Reads the trail's configuration, opens it with the host and shows its health. */
@NullMarked
package dev.howdah.host.audit.wiring;

import org.jspecify.annotations.NullMarked;
