/**
 * The code of the plugin authors' guide: each Java block there is a region of one of these files,
 * from {@code docs:name} to {@code docs:end}, and a test compares them.
 */
package dev.howdah.docs;
