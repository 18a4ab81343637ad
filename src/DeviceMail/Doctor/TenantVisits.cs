using System.Buffers.Text;
using System.Security.Cryptography;
using DeviceMail.Accounts;

namespace DeviceMail.Doctor;

/// <summary>The set-ups of organisations in this process: one at a time, in memory alone.</summary>
public sealed class TenantVisits
{
    private readonly TenantParts _parts;
    private readonly IHostApplicationLifetime _life;
    private readonly Lock _starting = new();

    internal TenantVisits(TenantParts parts, IHostApplicationLifetime life) => (_parts, _life) = (parts, life);

    /// <summary>The last one; null: there was none, or it was put away.</summary>
    public TenantVisit? Latest { get; private set; }

    /// <summary>The last one, if it has this number.</summary>
    public TenantVisit? Find(string id) => Latest is { } visit && visit.Facts.Id == id ? visit : null;

    /// <summary>Begins one in place of one that still goes on; it returns when there is a code to show, or none could be had.</summary>
    /// <param name="request">Without faults.</param>
    public async Task<TenantVisit> StartAsync(TenantRequest request)
    {
        if (_parts.Probe.AccountOf(request.Mailbox) is { Method: AuthenticationMethod.OAuth2 } account && Guid.TryParse(account.ClientId, out _)) request = request with { ClientId = account.ClientId };
        var visit = new TenantVisit(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)), request, _parts);
        lock (_starting)
        {
            Latest?.End();
            Latest = visit;
        }
        await visit.BeginAsync(_life.ApplicationStopping);
        return visit;
    }

    /// <summary>Puts away what is over, so that the page begins anew.</summary>
    public void Forget()
    {
        lock (_starting)
            if (Latest is { Facts.IsOver: true }) Latest = null;
    }
}
