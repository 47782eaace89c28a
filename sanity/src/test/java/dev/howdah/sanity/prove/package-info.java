/** Proves that each check finds what it claims, against a plugin that is wrong on purpose. */
package dev.howdah.sanity.prove;
