namespace DeviceMail.Storage;

/// <summary>The program cannot start, or a command cannot be done, for a reason a person can mend: one sentence with cause and remedy.</summary>
public sealed class StartRefusedException(string sentence) : Exception(sentence);
