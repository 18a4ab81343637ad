namespace DeviceMail.Settings;

/// <summary>The program was started in a way it does not know: one sentence that names the option. Exit code 2.</summary>
public sealed class WrongUseException(string sentence) : Exception(sentence);
