namespace DeviceMail.Control;

/// <summary>A secret that a person gives a command: from a file or standard input, never from the command line, where every user of the machine could read it.</summary>
public static class TypedSecret
{
    /// <exception cref="CommandRefusedException">The file cannot be read, or is empty.</exception>
    public static async Task<string> ReadAsync(string file, CancellationToken cancel)
    {
        try
        {
            var text = file == "-" ? await Console.In.ReadLineAsync(cancel) : (await File.ReadAllLinesAsync(file, cancel)).FirstOrDefault();
            return text is { Length: > 0 } ? text : throw new CommandRefusedException($"{(file == "-" ? "Standard input" : file)} holds no password in its first line.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandRefusedException($"{file} cannot be read ({fault.Message.TrimEnd('.')}).");
        }
    }
}
