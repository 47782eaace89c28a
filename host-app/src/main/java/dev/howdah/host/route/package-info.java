/**
 * From an incoming call to its plugin, or a clear refusal. No request says which plugin it is for,
 * and the operator never checks that it reached the one it wanted, so there is no default and no
 * guessing.
 */
@NullMarked
package dev.howdah.host.route;

import org.jspecify.annotations.NullMarked;
