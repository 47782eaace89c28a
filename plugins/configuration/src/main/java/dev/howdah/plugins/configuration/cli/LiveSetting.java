package dev.howdah.plugins.configuration.cli;

/**
 * A parameter as a running server has it.
 *
 * @param value its value, with its unit
 * @param setting its value in the parameter's own unit
 * @param source where the server has it from, such as {@code configuration file}
 * @param pendingRestart whether a changed value waits for a restart
 */
record LiveSetting(String value, String setting, String source, boolean pendingRestart) {}
