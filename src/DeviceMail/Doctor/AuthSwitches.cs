using DeviceMail.Activity;

namespace DeviceMail.Doctor;

/// <summary>The three switches of Microsoft 365 that can turn SMTP AUTH off (Microsoft Learn, "Enable or disable authenticated client SMTP submission").</summary>
public enum AuthSwitch
{
    Mailbox,
    Organisation,
    SecurityDefaults,
}

/// <summary>
/// Which switch stands in the way, by nothing but the server's words: where these leave several open, all of them are named. What to click and what
/// to paste follows from it.
/// </summary>
public static class AuthSwitches
{
    private const string Connect = "Connect-ExchangeOnline";

    private static readonly (string Says, AuthSwitch[] Switches)[] _words =
    [
        ("SmtpClientAuthentication is disabled for the Tenant", [AuthSwitch.Organisation]),
        ("SmtpClientAuthentication is disabled for the Mailbox", [AuthSwitch.Mailbox]),
        ("security defaults policy", [AuthSwitch.SecurityDefaults]),
        // The text of older front ends, which does not say whose switch it is.
        ("SmtpClientAuthentication is disabled", [AuthSwitch.Mailbox, AuthSwitch.Organisation]),
    ];

    /// <summary>The switches that the words leave possible; empty when they are about something else.</summary>
    public static IReadOnlyList<AuthSwitch> Possible(string serverWords)
    {
        foreach (var (says, switches) in _words)
            if (serverWords.Contains(says, StringComparison.OrdinalIgnoreCase)) return switches;
        // 535 5.7.139 without a known reason: any switch, and policies too.
        return ReplyWords.Of(serverWords) is { Code: 535, Enhanced: "5.7.139" } said && Catalogue.OfReply(said) is { Texts.Count: 0 } ? Enum.GetValues<AuthSwitch>() : [];
    }

    /// <param name="refused">What the server said to the sign-in.</param>
    /// <param name="mailbox">Whom the sign-in was for.</param>
    internal static DoctorLine Line(string refused, string mailbox) => Possible(refused) switch
    {
        [] => DoctorLine.Unknown("The server's words are not about a switch for SMTP AUTH."),
        [var one] => DoctorLine.Failed($"{Names(one)} {(one == AuthSwitch.SecurityDefaults ? "stand" : "stands")} in the way: {Means(one)}", "Do one of these; it takes up to an hour until it counts. Held mail then goes out by itself.", refused) with
        {
            Ways = [.. Ways(one, mailbox)],
        },
        var several => DoctorLine.Failed($"One of these stands in the way, and the server does not say which: {string.Join("; ", several.Select(Names))}{(several.Count == 3 ? "; or a policy" : "")}.",
            "Look first, then change the one that is off; it takes up to an hour until it counts. Held mail then goes out by itself.", refused) with
        {
            Ways = [Look(several, mailbox), .. several.SelectMany(one => Ways(one, mailbox)).DistinctBy(way => way.Title)],
        },
    };

    internal static IEnumerable<DoctorWay> Ways(AuthSwitch one, string mailbox)
    {
        // The mailbox's own setting wins over the organisation's, so that nothing needs to be opened for everybody.
        var exception = new DoctorWay($"Switch SMTP AUTH on for {mailbox} alone (an Exchange administrator)",
            $"Microsoft 365 admin center > Users > Active users > {mailbox} > Mail > Manage email apps > tick Authenticated SMTP > Save changes",
            [Connect, $"Set-CASMailbox -Identity {PowerShell.Quote(mailbox)} -SmtpClientAuthenticationDisabled $false"]);
        return one switch
        {
            AuthSwitch.Mailbox => [exception],
            AuthSwitch.Organisation =>
            [
                exception,
                new DoctorWay("Or switch it on for every mailbox of the organisation, which opens more than is needed (an Exchange administrator)",
                    "Exchange admin center > Settings > Mail flow > clear “Turn off SMTP AUTH protocol for your organization” > Save",
                    [Connect, "Set-TransportConfig -SmtpClientAuthenticationDisabled $false"]),
            ],
            _ =>
            [
                new DoctorWay("Replace security defaults by Conditional Access; without policies in their place the organisation is less protected (a Conditional Access administrator)",
                    "Microsoft Entra admin center > Entra ID > Overview > Properties > Manage security defaults > Disabled > Save",
                    ["Connect-MgGraph -Scopes Policy.Read.All,Policy.ReadWrite.SecurityDefaults", "Update-MgPolicyIdentitySecurityDefaultEnforcementPolicy -IsEnabled:$false"]),
            ],
        };
    }

    private static DoctorWay Look(IEnumerable<AuthSwitch> among, string mailbox)
    {
        List<string> lines = [Connect, $"Get-CASMailbox -Identity {PowerShell.Quote(mailbox)} | Format-List SmtpClientAuthenticationDisabled", "Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled"];
        if (among.Contains(AuthSwitch.SecurityDefaults))
            lines.AddRange(["Connect-MgGraph -Scopes Policy.Read.All", "(Get-MgPolicyIdentitySecurityDefaultEnforcementPolicy).IsEnabled"]);
        return new DoctorWay("Look how the switches stand (an Exchange administrator); True is off, False is on, and empty for the mailbox means “as the organisation”",
            "Microsoft 365 admin center > Users > Active users > the mailbox > Mail > Manage email apps, and Exchange admin center > Settings > Mail flow", lines);
    }

    private static string Names(AuthSwitch one) => one switch
    {
        AuthSwitch.Mailbox => "The mailbox's own switch for SMTP AUTH",
        AuthSwitch.Organisation => "The organisation's switch for SMTP AUTH",
        _ => "Security defaults",
    };

    private static string Means(AuthSwitch one) => one switch
    {
        AuthSwitch.Mailbox => "it is off for this mailbox, whatever the organisation's says.",
        AuthSwitch.Organisation => "it is off for all mailboxes, and this mailbox has no exception.",
        _ => "while they are on, no mailbox of the organisation may use SMTP AUTH.",
    };
}
