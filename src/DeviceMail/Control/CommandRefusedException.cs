namespace DeviceMail.Control;

/// <summary>A command cannot be done: one sentence that says why and what to do. Caught once, where the command line begins; exit code 1.</summary>
public sealed class CommandRefusedException(string sentence) : Exception(sentence);
