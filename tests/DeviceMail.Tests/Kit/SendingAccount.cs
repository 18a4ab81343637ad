using DeviceMail.Accounts;
using DeviceMail.Lab;
using DeviceMail.Lab.Entra;
using DeviceMail.Messages;

namespace DeviceMail.Tests.Kit;

/// <summary>The default account of a gateway that sends by the lab.</summary>
internal static class SendingAccount
{
    public static Account At(PretendCloud lab) => new()
    {
        Id = 0,
        Address = MailAddress.Parse("scan@contoso.example"),
        Provider = "custom",
        Method = AuthenticationMethod.OAuth2,
        ClientId = LabTenant.ClientId.ToString(),
        TenantId = LabTenant.TenantId.ToString(),
        OAuth = new OAuthEndpoints
        {
            DeviceAuthorization = $"{lab.Web}{LabTenant.TenantId}/oauth2/v2.0/devicecode",
            Authorization = $"{lab.Web}{LabTenant.TenantId}/oauth2/v2.0/authorize",
            Token = $"{lab.Web}{LabTenant.TenantId}/oauth2/v2.0/token",
            Scopes = "https://outlook.office.com/SMTP.Send offline_access openid profile email",
        },
        Host = "127.0.0.1",
        Port = lab.Smtp.Port,
        Security = ConnectionSecurity.StartTls,
        SizeLimit = 36_700_160,
        Budget = new Budget(3, 0, 0),
        IsDefault = true,
    };

    /// <summary>The same, with the lab's Graph beside SMTP.</summary>
    public static Account WithGraphAt(PretendCloud lab) => At(lab) with { GraphAddress = $"{lab.Web}graph/v1.0" };
}
