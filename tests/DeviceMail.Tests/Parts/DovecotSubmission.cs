using System.Globalization;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Parts;

/// <summary>
/// Dovecot's submission service: STARTTLS, then XOAUTH2 or OAUTHBEARER with a token that it checks by introspection; it relays to
/// a sink. Takes mail up to 35 MB and 100 recipients.
/// </summary>
public sealed class DovecotSubmission : IAsyncDisposable
{
    private readonly Part _part;
    private readonly Folder _folder;

    private DovecotSubmission(Part part, Folder folder, int port) => (_part, _folder, Port) = (part, folder, port);

    /// <summary>Not 127.0.0.1: between equal addresses Dovecot asks for no TLS. The good certificate names it.</summary>
    public string Host => "127.0.0.2";

    public int Port { get; }

    public string Log => File.ReadAllText(_folder.In("dovecot.log"));

    /// <param name="introspectionAddress">With credentials, as <see cref="OidcProvider.IntrospectionAddress"/>.</param>
    /// <param name="sink">Where it hands mail on to.</param>
    /// <param name="authority">Whose good certificate it shows, and whom it trusts itself.</param>
    public static async Task<DovecotSubmission> StartAsync(string introspectionAddress, SmtpSink sink, TestAuthority authority)
    {
        static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
        var folder = new Folder();
        var port = FreePort.Next();
        try
        {
            var call = new ToolCall(Part.Script("dovecot/submission"), folder.Path, Text(port), Text(sink.Port), introspectionAddress, authority.Path);
            return new DovecotSubmission(await Part.StartAsync($"127.0.0.2:{port}", call), folder, port);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _part.DisposeAsync();
        _folder.Dispose();
    }
}
