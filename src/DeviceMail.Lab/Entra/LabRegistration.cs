using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Entra;

/// <summary>The application registration: who may use it where, and how it proves who it is.</summary>
public sealed class LabRegistration(PretendCloud cloud)
{
    private readonly AssertionCheck _assertions = new(cloud);

    public EntraRefusal? WrongClient(string client, Authority authority)
    {
        if (client.Length == 0)
            return EntraRefusal.MissingParameter("client_id");
        if (!Guid.TryParse(client, out var id) || !cloud.Tenant.Knows(id))
            return EntraRefusal.UnknownClient(client);
        if (cloud.Switches.SingleTenantApplication && authority.IsShared)
            return EntraRefusal.SingleTenant;
        return cloud.Switches.SingleTenantApplication && authority.IsPersonal ? EntraRefusal.NotForConsumers : null;
    }

    /// <summary>A credential that was sent must be right, and must be sent when the application counts as confidential.</summary>
    public EntraRefusal? WrongCredential(IFormCollection form, Authority authority)
    {
        var secret = form["client_secret"].ToString();
        if (secret.Length > 0)
            return secret != LabTenant.ClientSecret ? CredentialRefusals.WrongSecret
                : cloud.Switches.ClientSecretExpired ? CredentialRefusals.ExpiredSecret
                : null;
        var assertion = form["client_assertion"].ToString();
        if (assertion.Length > 0 && form["client_assertion_type"] == AssertionCheck.Type)
            return _assertions.Fault(assertion, authority);
        return cloud.Switches.PublicClientFlowsOff || form["grant_type"] == "client_credentials" ? EntraRefusal.ConfidentialClient : null;
    }
}
