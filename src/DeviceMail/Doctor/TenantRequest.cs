using System.Text.Json.Serialization;
using DeviceMail.Accounts;
using DeviceMail.EmailServer;
using DeviceMail.Messages;

namespace DeviceMail.Doctor;

/// <summary>For whom the application may send.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConsentReach>))]
public enum ConsentReach
{
    /// <summary>The one mailbox: the least that is needed.</summary>
    Mailbox,

    /// <summary>Every mailbox of the organisation that signs in.</summary>
    Organisation,
}

/// <summary>What an administrator asks of the set-up.</summary>
/// <param name="Mailbox">The mailbox that will send.</param>
public sealed record TenantRequest(string Mailbox)
{
    /// <summary>Microsoft Graph Command Line Tools: docs/decisions/007-tenant-set-up.md says why.</summary>
    public const string UsualSignInApplication = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

    /// <summary>Lets the administrator's own organisation be found by the sign-in.</summary>
    public const string AnyDirectory = "organizations";

    public ConsentReach Reach { get; init; }

    /// <summary>The application by which the administrator signs in.</summary>
    public string SignInApplication { get; init; } = UsualSignInApplication;

    /// <summary>Directory (tenant) ID or domain of the organisation.</summary>
    public string Directory { get; init; } = AnyDirectory;

    /// <summary>The application that the mailbox's account uses already; empty: none is known.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>An address of Web Config that a sign-in by browser leads back to; empty: none.</summary>
    public string Redirect { get; init; } = "";

    /// <summary>Whether the administrator signs in in a browser, and not by a code.</summary>
    public bool InBrowser { get; init; }

    /// <summary>The port of this machine on which a program waits for that browser, 1 to 65535; null: nobody does, and the address is pasted.</summary>
    public int? LoopbackPort { get; init; }

    /// <summary>Key of a <see cref="TenantCloud"/>.</summary>
    public string Cloud { get; init; } = TenantCloud.All[0].Key;

    /// <summary>Takes the place of the cloud's; empty: the cloud's own.</summary>
    public string Authority { get; init; } = "";

    /// <summary>Takes the place of the cloud's; empty: the cloud's own.</summary>
    public string Graph { get; init; } = "";

    /// <summary>Everything that is wrong, one sentence a field. What is good here can be asked for.</summary>
    public IReadOnlyList<FieldFault> Faults()
    {
        List<FieldFault> faults = [];
        if (!MailAddress.TryParse(Mailbox, out _)) faults.Add(new("mailbox", "Mailbox needs the form name@domain: it is the mailbox that will send."));
        if (BasicField.IdFault("Application for the sign-in", SignInApplication) is { } application) faults.Add(new("application", application));
        if (Directory != AnyDirectory && BasicField.TenantFault(Directory) is { } directory) faults.Add(new("directory", directory));
        if (LoopbackPort is < 1 or > 65_535) faults.Add(new("port", $"The port cannot be {LoopbackPort}: it must be from 1 to 65535."));
        if (TenantCloud.Find(Cloud) is null) faults.Add(new("cloud", $"Cloud: choose one of {string.Join(", ", TenantCloud.All.Select(one => one.Key))}."));
        foreach (var (field, label, address) in ((string, string, string)[])[("authority", "Sign-in address", Authority), ("graph", "Address of Microsoft Graph", Graph), ("redirect", "Web Config's address", Redirect)])
            if (address.Length > 0 && !AccountRules.IsSafe(address)) faults.Add(new(field, $"{label} must begin with https:// (http:// only on this machine)."));
        // Who types another address for Graph must not get a sign-in that Microsoft gave: it is shown to where it comes from, or to Microsoft.
        if (Graph.Length > 0 && faults.Count == 0 && (Authority.Length == 0 || new Uri(Authority).Authority != new Uri(Graph).Authority))
            faults.Add(new("graph", "Address of Microsoft Graph can be another one only at the same host and port as the Sign-in address: a sign-in is shown to nobody else."));
        return faults;
    }

    /// <summary>The cloud with what was given in its place.</summary>
    internal TenantCloud Where()
    {
        var cloud = TenantCloud.Find(Cloud)!;
        return cloud with { Authority = Authority.Length > 0 ? Authority.TrimEnd('/') : cloud.Authority, Graph = Graph.Length > 0 ? Graph.TrimEnd('/') : cloud.Graph };
    }

    internal string ForWhom => Reach == ConsentReach.Mailbox ? $"{Mailbox} alone" : "every mailbox of the organisation";
}
