/**
 * {@code howdah doctor}: what usually goes wrong between the operator, the host and the Clusters,
 * one class per kind of mistake. A check sees the Kubernetes objects only, read from the API server
 * or from files, and says what is wrong and what to do; nothing here changes anything.
 */
@NullMarked
package dev.howdah.host.doctor;

import org.jspecify.annotations.NullMarked;
