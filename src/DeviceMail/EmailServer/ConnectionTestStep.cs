using System.Text.Json.Serialization;

namespace DeviceMail.EmailServer;

/// <summary>One step of a connection test.</summary>
/// <param name="Key">Its stable name: name, connect, greeting, encryption, graph, token, sign-in, sender, mail, goodbye.</param>
/// <param name="Mark">ok, warn, bad, work or off.</param>
/// <param name="Sentence">What was found.</param>
public sealed record ConnectionTestStep(string Key, string Mark, string Sentence)
{
    /// <summary>What the other side showed: addresses, greeting, certificate.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>Milliseconds it took; null where nothing was tried.</summary>
    public long? Milliseconds { get; init; }

    public ConnectionTestFault? Fault { get; init; }
}

/// <summary>Why a step failed, and what to do.</summary>
/// <param name="Remedy">A sentence or two; what stands between backticks is to be typed.</param>
public sealed record ConnectionTestFault(string Remedy)
{
    public IReadOnlyList<FieldLink> Fields { get; init; } = [];

    /// <summary>A line that an administrator of the email service runs, or null.</summary>
    public string? Line { get; init; }

    public string ServerWords { get; init; } = "";

    /// <summary>Changes that are likely to help, to be tried without being saved.</summary>
    [JsonIgnore]
    public IReadOnlyList<ConnectionTestFix> Fixes { get; init; } = [];
}

/// <summary>A field to change.</summary>
/// <param name="Name">As the page spells it.</param>
/// <param name="Address">The page, with the field's place in it; {account} stands for the account's number.</param>
public sealed record FieldLink(string Name, string Address)
{
    private const string Basic = "/email-server?account={account}#";

    public static readonly FieldLink Server = new("SMTP Server Address", Basic + "server");
    public static readonly FieldLink Port = new("SMTP Server Port Number", Basic + "port");
    public static readonly FieldLink Secure = new("Secure Connection", Basic + "secure");
    public static readonly FieldLink Sender = new("Sender's Email Address", Basic + "sender");
    public static readonly FieldLink UserName = new("Authenticated Account", Basic + "account-name");
    public static readonly FieldLink Password = new("Authenticated Password", Basic + "password");
    public static readonly FieldLink Validation = new("Certificate Validation", Basic + "secure");
    public static readonly FieldLink SignIn = new("Current Status", Basic + "method");
    public static readonly FieldLink CaCertificate = new("CA Certificate", "/ca-certificate");
    public static readonly FieldLink DnsServer = new("DNS servers", "/network-status#ways");
    public static readonly FieldLink DateAndTime = new("Date and Time", "/network-status#clock");
    public static readonly FieldLink Interfaces = new("Interfaces", "/network-interfaces");
}

/// <summary>A change of the tested settings.</summary>
/// <param name="Words">What its button says.</param>
/// <param name="Apply">Makes the changed settings.</param>
public sealed record ConnectionTestFix(string Words, Func<Accounts.Account, Accounts.Account> Apply);

/// <summary>A whole test, for the command line.</summary>
public sealed record ConnectionTestReport(string Account, string Server, bool Passed, IReadOnlyList<ConnectionTestStep> Steps);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ConnectionTestReport))]
[JsonSerializable(typeof(ConnectionTestRequest))]
internal sealed partial class ConnectionTestJson : JsonSerializerContext;

/// <param name="To">Where a test mail is sent; empty: none is sent.</param>
public sealed record ConnectionTestRequest(string To);
