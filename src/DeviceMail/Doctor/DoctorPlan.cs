using DeviceMail.Network;
using DeviceMail.Accounts;

namespace DeviceMail.Doctor;

/// <summary>What one examination looks at, in the order in which a mail meets it.</summary>
internal sealed class DoctorPlan(IReadOnlyList<DoctorStep> steps, IReadOnlyList<IDisposable> held) : IDisposable
{
    public IReadOnlyList<DoctorStep> Steps => steps;

    public void Dispose()
    {
        foreach (var one in held) one.Dispose();
    }
}

/// <summary>What plans are made with.</summary>
internal sealed record DoctorParts(GatewayParts Gateway, SignInParts SignIn, MailServerParts Mail, Outside Outside);

/// <summary>Makes plans.</summary>
internal sealed class DoctorPlans(DoctorParts parts)
{
    public DoctorPlan For(IReadOnlyList<Account> accounts)
    {
        var (gateway, time) = (new GatewayChecks(parts.Gateway), parts.Gateway.Time);
        List<IDisposable> held = [];
        List<DoctorStep> steps = [.. gateway.FirstSteps()];
        // One clock for all: the first service that needs a sign-in tells the time.
        if ((accounts.FirstOrDefault(account => account.Method == AuthenticationMethod.OAuth2) ?? (accounts.Count > 0 ? accounts[0] : null)) is { } teller)
            steps.Add(new WayChecks(teller, parts.Outside, time).Clock);
        steps.AddRange(new TrustChecks(parts.Gateway.Folder, time).Steps());
        foreach (var account in accounts)
        {
            var graph = new GraphChecks(account, parts.SignIn, parts.Outside);
            var mail = new MailServerChecks(account, parts.Mail) { GoesOtherwise = () => graph.IsOpen };
            held.Add(mail);
            var bySmtp = account.Transports.Contains(Transport.Smtp);
            IEnumerable<DoctorStep> own =
            [
                .. new WayChecks(account, parts.Outside, time).Steps(), .. bySmtp ? [mail.Proof] : (DoctorStep[])[], .. new SignInChecks(account, parts.SignIn).Steps(), .. graph.Steps(),
                .. bySmtp ? mail.Steps() : [],
            ];
            steps.AddRange(own.Select(step => step with { Account = account.Address.ToString() }));
        }
        steps.AddRange(gateway.LastSteps());
        return new DoctorPlan(steps, held);
    }
}
