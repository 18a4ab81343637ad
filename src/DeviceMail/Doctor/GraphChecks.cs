using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Network;

namespace DeviceMail.Doctor;

/// <summary>Microsoft Graph as an account's interface: whether it can be reached, and whether the application may send by it. No mail is handed over.</summary>
internal sealed class GraphChecks(Account account, SignInParts parts, Outside outside)
{
    private readonly bool _isOnly = account.Transports is [Transport.Graph];

    /// <summary>Whether mail can go this way; known after its step.</summary>
    public bool IsOpen { get; private set; }

    public IEnumerable<DoctorStep> Steps() => !account.Transports.Contains(Transport.Graph) ? [] :
    [
        new("graph-tls", "Microsoft Graph proves who it is", ReachAsync),
        new("graph", "The application may send by Microsoft Graph", PermissionAsync) { Needs = ["graph-tls", "token"], Limit = TimeSpan.FromSeconds(70) },
    ];

    private async Task<DoctorLine> ReachAsync(CancellationToken cancel)
    {
        var address = new Uri(account.Graph);
        var remedy = $"The network's administrator allows TCP port {address.Port} from this gateway to {address.Host}, without looking into it.";
        try
        {
            var answer = await WebContact.AskAsync(address, outside, parts.Time, cancel);
            if (address.Scheme != Uri.UriSchemeHttps) return DoctorLine.Passed($"{address.Authority} is on this machine and needs no TLS.");
            return answer.Proof?.ToLine("TLS", parts.Time.GetUtcNow()) ?? DoctorLine.Failed($"{address.Host} showed no certificate.", remedy);
        }
        catch (HttpRequestException fault)
        {
            return _isOnly ? DoctorLine.Failed($"{address.Host} was not reached.", remedy, (fault.InnerException ?? fault).Message)
                : DoctorLine.Warned($"{address.Host} was not reached: where SMTP is refused, mail cannot go by Graph.", remedy) with { ServerWords = (fault.InnerException ?? fault).Message };
        }
    }

    private async Task<DoctorLine> PermissionAsync(CancellationToken cancel)
    {
        var given = await parts.Tokens.GetAsync(account, Transport.Graph, cancel);
        IsOpen = given is AccessTokenResult.Ready && !account.IsApplication;
        return given switch
        {
            // An application gets a token whatever it may do with it.
            AccessTokenResult.Ready when account.IsApplication => DoctorLine.Warned("Whether the application may send by Microsoft Graph shows with the first mail.",
                "The gateway's administrator presses Connection Test with a test mail, under Network > Email Server."),
            AccessTokenResult.Ready => DoctorLine.Passed("The permission Mail.Send is granted: mail can go by Microsoft Graph."),
            AccessTokenResult.Held held when held.Problem == Problems.ConsentMissing && !_isOnly =>
                DoctorLine.Warned("Mail.Send at Microsoft Graph is not granted: where SMTP is refused, mail is held.", Problems.GraphNotAllowed.Remedy) with { ServerWords = held.ServerWords },
            AccessTokenResult.Held held => DoctorLine.Failed(held.Problem == Problems.ConsentMissing ? Problems.GraphNotAllowed : held.Problem, held.ServerWords),
            AccessTokenResult.TryLater later => DoctorLine.Failed(later.Problem, later.ServerWords),
            _ => DoctorLine.Unknown("The permission could not be judged."),
        };
    }
}
