namespace DeviceMail.Tests.Parts;

/// <summary>A person with a browser at a provider's pages, in the authorization code flow (tests/parts/person).</summary>
public static class Person
{
    /// <summary>Signs in as that account and consents. Returns where the provider sent the browser, which is not opened.</summary>
    /// <exception cref="InvalidOperationException">The provider sent it nowhere; the message holds the page it showed.</exception>
    public static async Task<Uri> AuthorizeAsync(Uri authorize, string account, string? rootFile) =>
        new(await RunAsync([authorize.AbsoluteUri, account], rootFile));

    /// <summary>Says no.</summary>
    public static async Task<Uri> DeclineAsync(Uri authorize, string? rootFile) =>
        new(await RunAsync([authorize.AbsoluteUri, "nobody@example.test", "--decline"], rootFile));

    /// <summary>Signs in and consents, and opens the address of the answer. Returns the page that came of it.</summary>
    public static async Task<string> AuthorizeAndOpenAsync(Uri authorize, string account, params string[] rootFiles)
    {
        var said = await RunAsync([authorize.AbsoluteUri, account, "--follow"], rootFiles);
        return said[(said.IndexOf('\n', StringComparison.Ordinal) + 1)..];
    }

    private static async Task<string> RunAsync(string[] arguments, params string?[] rootFiles)
    {
        var result = await Tool.RunAsync(Part.Script("person"), [.. arguments, .. rootFiles.OfType<string>().SelectMany(file => (string[])["--ca", file])]);
        return result.ExitCode == 0 ? result.Output.TrimEnd('\n') : throw new InvalidOperationException($"The person was not sent on: {result}");
    }
}
