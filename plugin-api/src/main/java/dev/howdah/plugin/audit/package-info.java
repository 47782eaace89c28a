/**
 * What a plugin hands to the host's audit trail: events of its own, published without waiting. How
 * they are redacted, chained and kept is the host's matter.
 */
@NullMarked
package dev.howdah.plugin.audit;

import org.jspecify.annotations.NullMarked;
