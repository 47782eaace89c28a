/** The commands that read an audit trail: {@code audit verify} and {@code audit show}. */
@NullMarked
package dev.howdah.host.audit.cli;

import org.jspecify.annotations.NullMarked;
