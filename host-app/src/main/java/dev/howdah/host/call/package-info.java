/**
 * The pipeline that every call passes, one class per step; {@link
 * dev.howdah.host.call.CallPipeline} holds their order. The steps up to the service are gRPC
 * interceptors; from there on {@link dev.howdah.host.call.HookRunner} takes a hook through
 * admission, deadline and fail policy on the plugin's own threads.
 */
@NullMarked
package dev.howdah.host.call;

import org.jspecify.annotations.NullMarked;
