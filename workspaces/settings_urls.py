"""The settings of a workspace, below `/settings/`."""

from django.urls import path

from workspaces.pages.settings import base, invitations, members, tokens, workspace

app_name = "settings"
urlpatterns = [
    path("", base.IndexPage.as_view(), name="index"),
    path("members/", members.MembersPage.as_view(), name="members"),
    path("members/<str:username>/", members.MemberPage.as_view(), name="member"),
    path("members/<str:username>/remove/", members.RemoveMember.as_view(), name="remove_member"),
    path("invitations/", invitations.InvitationsPage.as_view(), name="invitations"),
    path("invitations/new/", invitations.NewInvitation.as_view(), name="new_invitation"),
    path("invitations/<uuid:uid>/", invitations.InvitationPage.as_view(), name="invitation"),
    path("tokens/", tokens.TokensPage.as_view(), name="tokens"),
    path("tokens/new/", tokens.NewToken.as_view(), name="new_token"),
    path("tokens/<uuid:uid>/", tokens.TokenPage.as_view(), name="token"),
    path("workspace/", workspace.WorkspacePage.as_view(), name="workspace"),
    path("workspace/new/", workspace.NewWorkspace.as_view(), name="new_workspace"),
]
